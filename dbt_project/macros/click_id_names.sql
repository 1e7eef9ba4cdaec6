{# The click ids of advertising networks, as alternatives of a regular expression. The seed click_ids lists them. #}
{% macro click_id_names() %}{{ return('gclid|gbraid|wbraid|dclid|msclkid|fbclid|ttclid|twclid|li_fat_id|epik|ScCid|rdt_cid') }}{% endmacro %}
