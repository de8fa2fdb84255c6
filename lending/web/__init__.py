"""The edge: access, errors, security headers, languages and the pieces pages share."""
