"""The pages that people see, and the door for HTTP."""
