"""Who is behind a request: tokens' bearers, sessions of older clients, and the names that they know things by."""
