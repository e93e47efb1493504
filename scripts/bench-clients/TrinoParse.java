import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A peer of the benchmark `sql`: parses the statements of a folder with Trino's own parser on a warm JVM and prints
 * microseconds a statement, or the name of the exception.
 *
 * <p>Arguments: the folder of the statements.
 */
public final class TrinoParse {
    /** Until the compiler of the JVM has seen enough. */
    private static final long WARM_UP_NS = 6_000_000_000L;

    private static final long LONG_ENOUGH_NS = 2_000_000_000L;

    private final SqlParser parser = new SqlParser();
    private final List<String> statements;

    private TrinoParse(List<String> statements) {
        this.statements = statements;
    }

    public static void main(String[] arguments) throws IOException {
        List<String> statements = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            for (Path file : files.sorted().toList()) {
                statements.add(Files.readString(file));
            }
        }
        TrinoParse run = new TrinoParse(statements);
        try {
            run.fastestPass(WARM_UP_NS);
            System.out.println(run.fastestPass(LONG_ENOUGH_NS) / 1e3 / statements.size());
        } catch (ParsingException | StackOverflowError refused) {
            System.err.println(arguments[0] + ": " + refused.getMessage());
            System.out.println(refused.getClass().getSimpleName());
        }
    }

    /** Nanoseconds of the fastest pass over the statements within the time, which is at least one. */
    private long fastestPass(long withinNs) {
        long began = System.nanoTime();
        long fastest = Long.MAX_VALUE;
        while (fastest == Long.MAX_VALUE || System.nanoTime() - began < withinNs) {
            long started = System.nanoTime();
            for (String sql : statements) {
                parser.createStatement(sql);
            }
            fastest = Math.min(fastest, System.nanoTime() - started);
        }
        return fastest;
    }
}
