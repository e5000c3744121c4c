"""Database backend: the connection follows the scope, and a witness refuses everything else."""
