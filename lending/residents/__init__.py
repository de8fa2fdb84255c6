"""What residents do on their own phone: member QR, cups out, self-scan, and a cup's public page."""
