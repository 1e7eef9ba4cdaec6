{# The click ids of advertising networks, as alternatives of a regular expression; the seed click_ids says whose they are. #}
{% macro click_id_names() %}{{ return('gclid|gbraid|wbraid|dclid|msclkid|fbclid|ttclid|twclid|li_fat_id|epik|ScCid|rdt_cid') }}{% endmacro %}
