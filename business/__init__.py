"""The business: `business.yml` read into frozen, validated objects, and what follows from them alone."""
