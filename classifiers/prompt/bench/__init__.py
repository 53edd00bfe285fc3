"""What the prompt gate stops, lets through and costs, measured on rows it never learnt from, beside other people's answers.

It reports; it never changes a threshold, a weight or a row.
"""
