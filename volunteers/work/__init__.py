"""What volunteers are asked to do: planning tasks, finding people for them, and what came of it."""
