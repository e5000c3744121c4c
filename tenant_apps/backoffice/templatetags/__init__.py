"""Tags of the backoffice's templates."""
