{# The network of an address, as text: /24 of IPv4, /48 of IPv6. It no longer identifies a person. #}
{% macro masked_address(address) %}{{ return(adapter.dispatch('masked_address')(address)) }}{% endmacro %}

{% macro postgres__masked_address(address) -%}
    text(network(set_masklen({{ address }}, case family({{ address }}) when 4 then 24 else 48 end)))
{%- endmacro %}

{#
    A number of IPv6 has eight groups. `::` stands for the zeros that are left out, and an address of IPv4 at the end for
    two groups. Of the three groups of the network, zeros at the end are left out.
#}
{% macro spark__masked_address(address) -%}
    case
        when {{ address }} like '%:%' then regexp_replace(array_join(slice(
            {{ ipv6_groups(address) }}, 1, 3
        ), ':'), '((^|:)0)+$', '') || '::/48'
        else regexp_extract({{ address }}, '^[0-9]+[.][0-9]+[.][0-9]+', 0) || '.0/24'
    end
{%- endmacro %}

{% macro ipv6_groups(address) -%}
    {%- set whole = "regexp_replace(split_part(" ~ address ~ ", '/', 1), '[0-9]+([.][0-9]+){3}', '0:0')" -%}
    {%- set head, tail = "split_part(" ~ whole ~ ", '::', 1)", "split_part(" ~ whole ~ ", '::', 2)" -%}
    {%- set groups = [] -%}
    {%- for part in (head, tail) -%}
        {%- do groups.append("filter(split(" ~ part ~ ", ':'), part -> part <> '')") -%}
    {%- endfor -%}
    concat({{ groups[0] }}, array_repeat('0', 8 - size({{ groups[0] }}) - size({{ groups[1] }})), {{ groups[1] }})
{%- endmacro %}
