"""What the pages of a shop, a marketplace and a community ask: each path some ready questions at one moment."""
