{#
    How many hashes a sketch has at most, k. From so many on, a count is an estimate whose standard error is 1 / sqrt(k - 1):
    95 of 100 are within 1.6 per cent. Below, it is exact.
#}
{% macro sketch_size() %}{{ return(16384) }}{% endmacro %}
