"""What single customers do: who stays, what each tenth of them costs, and what one is worth."""
