"""What we say in public: templates, linter, fact binding, sign-off rules. Pure."""
