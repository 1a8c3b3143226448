"""Page 06: enough homes for children in care, and near enough? Everything of the children is protected first."""
