import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The peer of the benchmark `results`: runs one query over Trino's JDBC driver and writes the rows to a CSV file, as an
 * export job does that was written with nothing but JDBC. Prints the number of rows.
 *
 * <p>Arguments: Trino as host:port, query, file.
 */
public final class JdbcToCsv {
    private JdbcToCsv() {}

    public static void main(String[] arguments) throws SQLException, IOException {
        String url = "jdbc:trino://" + arguments[0];
        try (Connection connection = DriverManager.getConnection(url, "bench", null);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(arguments[1]);
                Writer csv = Files.newBufferedWriter(Path.of(arguments[2]))) {
            System.out.println(write(rows, csv));
        }
    }

    private static long write(ResultSet rows, Writer csv) throws SQLException, IOException {
        int columns = rows.getMetaData().getColumnCount();
        for (int column = 1; column <= columns; column++) {
            writeField(csv, column, columns, rows.getMetaData().getColumnLabel(column));
        }
        long count = 0;
        while (rows.next()) {
            for (int column = 1; column <= columns; column++) {
                writeField(csv, column, columns, rows.getString(column));
            }
            count++;
        }
        return count;
    }

    /** One field of RFC 4180 with what follows it; NULL is an empty field. */
    private static void writeField(Writer csv, int column, int columns, String value) throws IOException {
        if (value != null) {
            csv.write(needsQuotes(value) ? '"' + value.replace("\"", "\"\"") + '"' : value);
        }
        csv.write(column < columns ? "," : "\r\n");
    }

    private static boolean needsQuotes(String value) {
        for (int at = 0; at < value.length(); at++) {
            char character = value.charAt(at);
            if (character == ',' || character == '"' || character == '\n' || character == '\r') {
                return true;
            }
        }
        return false;
    }
}
