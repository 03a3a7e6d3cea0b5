"""The sample that ships with the package; README.md beside it says where it comes from."""
