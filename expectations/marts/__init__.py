"""What must hold of each mart, one module per family of marts. Data only: nothing here runs a check."""
