"""What the platform may ask of Stripe, one module for each kind of thing."""
