"""Pages about models and the devices that they run on."""
