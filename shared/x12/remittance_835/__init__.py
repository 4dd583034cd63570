"""The 835: what a payer decided and paid, and whether it adds up."""
