"""What every program that talks to orewatch needs: a connection, and errors that a program can act upon."""
