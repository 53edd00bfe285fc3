"""What a person signs and with which key: credentials, statements, deeds and receipts."""
