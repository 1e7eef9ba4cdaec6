{# The network of an address, as text: /24 of IPv4, /48 of IPv6. It no longer identifies a person. #}
{% macro masked_address(address) %}{{ return(adapter.dispatch('masked_address')(address)) }}{% endmacro %}

{% macro postgres__masked_address(address) -%}
    text(network(set_masklen({{ address }}, case family({{ address }}) when 4 then 24 else 48 end)))
{%- endmacro %}

{% macro spark__masked_address(address) -%}
    case
        when {{ address }} like '%:%' then regexp_extract({{ address }}, '^[0-9a-f]*(:[0-9a-f]+){0,2}', 0) || '::/48'
        else regexp_extract({{ address }}, '^[0-9]+[.][0-9]+[.][0-9]+', 0) || '.0/24'
    end
{%- endmacro %}
