import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What a BI tool asks a driver: the relations of a schema, and which keys of others a table has. */
class Keys {
    public static void main(String[] given) throws SQLException {
        try (Connection connection = DriverManager.getConnection(given[0], given[1], System.getenv("PASSWORD"))) {
            DatabaseMetaData about = connection.getMetaData();
            try (ResultSet tables = about.getTables(null, "marts", "%", new String[] {"TABLE", "VIEW"})) {
                while (tables.next()) {
                    System.out.println("relation " + tables.getString("TABLE_NAME"));
                }
            }
            for (int number = 2; number < given.length; number++) {
                try (ResultSet keys = about.getImportedKeys(null, "marts", given[number])) {
                    while (keys.next()) {
                        System.out.println(String.join(" ", "key",
                            keys.getString("FKTABLE_NAME"), keys.getString("FKCOLUMN_NAME"),
                            keys.getString("PKTABLE_NAME"), keys.getString("PKCOLUMN_NAME"),
                            keys.getString("KEY_SEQ"), keys.getString("FK_NAME")));
                    }
                }
            }
        }
    }
}
