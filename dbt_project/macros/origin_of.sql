{# The part of an address that names its host, as it was written: `https://Shop.example:443` of `https://Shop.example:443/cart`.
   Null for a bare path. A query without a path before it may follow: see int_hosts. #}
{% macro origin_of(address) -%}
    case
        when split_part({{ address }}, '/', 2) = ''
            then split_part({{ address }}, '/', 1) || '//' || split_part({{ address }}, '/', 3)
    end
{%- endmacro %}
