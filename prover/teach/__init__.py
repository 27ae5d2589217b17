"""Teaching: exercises as templates with holes, and grades for what was put into them."""
