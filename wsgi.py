"""The server's door."""

from shop.config import Config
from shop.factory import create_app

app = create_app(Config.from_environment())
