"""`python -m lobsim` is `lobsim`."""

from lobsim.cli import main

if __name__ == "__main__":
    main()
