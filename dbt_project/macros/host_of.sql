{# The host of an address whose query and fragment are cut off, with www and without its port, in small letters; null
   where it has none. `https://host:port/path` has one, the bare `/path` of an access log none, whatever it holds. #}
{% macro host_of(location) -%}
    {%- set authority = "split_part(" ~ location ~ ", '/', 3)" -%}
    case
            when {{ location }} like '%://%' and split_part({{ location }}, '/', 2) = ''
                then lower(trim(trailing '.' from case
                    -- An IPv6 address has colons of its own.
                    when {{ authority }} like '[%' then split_part({{ authority }}, ']', 1) || ']'
                    else split_part({{ authority }}, ':', 1)
                end))
        end
{%- endmacro %}
