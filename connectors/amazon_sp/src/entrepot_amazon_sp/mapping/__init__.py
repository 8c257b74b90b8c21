"""From Amazon's words to Entrepot's. Pure: a record that was kept is mapped again without a network."""
