"""What the registrar is made of: a binding, a REGISTER as read, the change it asks for."""
