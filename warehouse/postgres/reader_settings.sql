-- What is set on a role, which of the limits for superusers the current role may set, and which limits are unknown.
select
    role.rolconnlimit,
    current_database() as database,
    coalesce(role.rolconfig, '{}') as settings,
    exists(
        select from pg_db_role_setting
        inner join pg_database as d on setdatabase = d.oid
        where setrole = role.oid and d.datname = current_database()
    ) as is_set_for_database,
    array(
        select name from unnest(array['temp_file_limit']) as name
        where has_parameter_privilege(name, 'set')
    ) as may_set,
    -- PostgreSQL knows it since version 17; before that, `warehouse.access.readers` ends such transactions.
    array(
        select name from unnest(array['transaction_timeout']) as name
        where current_setting(name, true) is null
    ) as unknown
from pg_roles as role
where role.rolname = :role
