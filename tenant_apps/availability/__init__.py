"""When a provider can be booked: weekly hours, dated exceptions, and the engine that turns them into slots."""
