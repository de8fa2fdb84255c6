"""The residents' pages: sign-in, /my with the member QR, self-scan, and a cup's public page."""

from flask import Blueprint

from lending.residents.pages import borrow, cup, dropped, inbox, loans, my, sign_in

blueprint = Blueprint("residents", __name__)

for part in (sign_in, my, loans, dropped, borrow, cup, inbox):
    blueprint.register_blueprint(part.blueprint)
