"""Who helps: registering volunteers, their skills, and what was checked about them."""
