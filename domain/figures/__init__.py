"""What the dashboards say: periods, counts under the threshold hidden, sentences, percentiles. Pure."""
