"""Pages of this app: accepting an invitation, the owner's way in, the team."""
