"""The platform's front page and sign-up."""
