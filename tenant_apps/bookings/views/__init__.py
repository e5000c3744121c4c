"""The pages of booking: choosing a time, giving one's name, and what comes after."""
