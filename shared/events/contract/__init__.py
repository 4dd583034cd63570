"""The contract for other languages: what each event and field means, examples, and the AsyncAPI document."""
