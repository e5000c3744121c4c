"""The theme engine: from 14 inputs to one proven stylesheet, the artwork, the brand kit and the packages on disk."""
