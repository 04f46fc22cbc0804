"""Who helps: pledges of aid, and volunteers."""
