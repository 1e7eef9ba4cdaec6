{#
    When the rolling interval of a question begins: 24 hours, 7 or 30 days before the minute that it is now. Null for
    interval all.
#}
{% macro asked_since() -%}
    date_trunc('minute', now()) - case {{ asked('interval') }}
        when 'daily' then interval '24 hours'
        when 'weekly' then interval '168 hours'
        when 'monthly' then interval '720 hours'
    end
{%- endmacro %}
