"""`python -m overdeliver`."""

from overdeliver.cli.main import run

if __name__ == "__main__":
    run()
