"""Texts that come in: stored first and answered at once (``receiving``), read afterwards by the worker (``handling``).

Steps of a text: a gateway's address verifies it → ``receive`` stores it → ``work_off`` takes each number's texts in order →
``read_text`` says what each line asks for → ``acting`` carries it out → ``answering`` queues one reply. What a person must see
goes to the inbox.
"""
