# Install and export rules: written with the consumer test.
