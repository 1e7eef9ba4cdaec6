"""Charts: what Vega-Lite draws of rows, by Altair. They read nothing; a page, a report and a picture use them."""
