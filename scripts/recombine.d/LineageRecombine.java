import io.trino.grammar.sql.SqlBaseParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.misc.ParseCancellationException;

/**
 * Makes queries that nobody wrote out of known ones on the same tables, and has a Trino analyse each as the body of a view:
 * a piece takes the place of another one of the same rule, and queries, relations and expressions get something around them.
 * What Trino takes is known from then on.
 *
 * <p>Arguments: the address of the Trino, a file with the tables and views, a file with a known statement a line (catalog and
 * schema with a point between them, a space, the statement in Base64), the seed, how many seconds.
 */
public final class LineageRecombine {
    private static final int WORKERS = 4;
    private static final int LONGEST_PIECE = 300;
    private static final int LONGEST_QUERY = 2_500;
    /** Longer ones are not known from then on, for they would grow without end. */
    private static final int LONGEST_KNOWN = 1_200;
    /** More are not learned, for all of them and their pieces are kept. */
    private static final int MOST_KNOWN = 4_000;
    private static final int MOST_CHANGES = 4;

    /** What takes the place of a query, which stands in it as %1$s. */
    private static final List<String> AROUND_QUERIES = List.of(
            "select * from (%1$s) as w",
            "select w.* from (%1$s) as w",
            "with z1 as (%1$s) select * from z1",
            "with z1 as (%1$s), z2 as (select * from z1) table z2",
            "select w.* from (select 1 as one_x) u cross join lateral (%1$s) as w",
            "select w.*, one_x from (%1$s) as w cross join (values 1) as u (one_x)",
            "(%1$s) limit 7",
            "(%1$s) union all (%1$s)",
            "select distinct * from ((%1$s) except (%1$s))");
    /** What takes the place of an expression in a SELECT list. */
    private static final List<String> AROUND_EXPRESSIONS = List.of(
            "(%1$s)",
            "coalesce(%1$s, null)",
            "case when %1$s is null then null else %1$s end",
            "max(%1$s)",
            "max(%1$s) over ()",
            "first_value(%1$s) over (order by %1$s)",
            "array_agg(%1$s order by %1$s)",
            "(select %1$s)",
            "(%1$s) in (select %1$s)",
            "try_cast(%1$s as varchar)",
            "array[%1$s][1]",
            "row(%1$s, 1)",
            "transform(array[%1$s], x -> x)");
    /** What takes the place of a table, %2$s being the last part of its name. */
    private static final List<String> AROUND_TABLES =
            List.of("(%1$s)", "(select * from %1$s)", "(table %1$s)", "(select %2$s.* from %1$s)", "(%1$s inner_%2$s)");

    private record Known(String session, String sql) {}

    private final Trino trino;
    private final int worker;
    private final Random random;
    private final List<Known> known = new ArrayList<>();
    private final int given;
    /** The different pieces of what is known, by session and rule of the grammar. */
    private final Map<String, Map<Integer, List<String>>> pieces = new HashMap<>();
    private final Set<String> seen = new HashSet<>();

    private LineageRecombine(Trino trino, List<Known> given, int worker, Random random) {
        this.trino = trino;
        this.worker = worker;
        this.random = random;
        given.forEach(this::learn);
        this.given = known.size();
    }

    public static void main(String[] arguments) throws Exception {
        Trino trino = new Trino(URI.create(arguments[0]), HttpClient.newHttpClient());
        for (String definition : definitions(Files.readString(Path.of(arguments[1])))) {
            String error = trino.run(new Known("memory.default", definition), "definitions");
            if (error != null) {
                throw new IllegalStateException(error + ": " + definition);
            }
        }
        List<Known> given = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(arguments[2]))) {
            String[] parts = line.split(" ");
            String sql = new String(Base64.getDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            query(sql).ifPresent(query -> given.add(new Known(parts[0], query)));
        }
        long seed = Long.parseLong(arguments[3]);
        long untilNs = System.nanoTime() + Long.parseLong(arguments[4]) * 1_000_000_000L;
        List<Thread> workers = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            // Each learns by itself, so that one seed gives the same queries again.
            var own = new LineageRecombine(trino, given, worker, new Random(seed * WORKERS + worker));
            workers.add(Thread.ofPlatform().start(() -> own.work(untilNs)));
        }
        for (Thread worker : workers) {
            worker.join();
        }
    }

    /** The statements of a file in which each ends with a semicolon at the end of a line. */
    private static List<String> definitions(String file) {
        String text = Pattern.compile("^--.*$", Pattern.MULTILINE).matcher(file).replaceAll("");
        List<String> definitions = new ArrayList<>();
        for (String definition : text.split(";\\s*\n")) {
            if (!definition.isBlank()) {
                definitions.add(definition.strip().replaceFirst(";$", ""));
            }
        }
        return definitions;
    }

    /** The query of a statement that writes what a query gives. */
    private static Optional<String> query(String sql) {
        for (ParserRuleContext node : Grammar.nodes(Grammar.tree(sql))) {
            if (node instanceof SqlBaseParser.RootQueryContext) {
                return Optional.of(Grammar.Characters.in(sql).text(node));
            }
        }
        return Optional.empty();
    }

    private void work(long untilNs) {
        while (System.nanoTime() < untilNs) {
            Known base = known.get(random.nextInt(random.nextBoolean() ? given : known.size()));
            try {
                String sql = base.sql;
                int changes = 1 + random.nextInt(MOST_CHANGES);
                for (; changes > 0 && sql.length() <= LONGEST_QUERY; changes--) {
                    sql = changed(base.session, sql);
                }
                sql = named(sql);
                String view = "create or replace view memory.default.made_" + worker + " as " + sql;
                if (sql.length() <= LONGEST_QUERY
                        && seen.add(base.session + sql)
                        && trino.run(new Known(base.session, view), "recombine") == null
                        && sql.length() <= LONGEST_KNOWN
                        && known.size() < MOST_KNOWN) {
                    learn(new Known(base.session, sql));
                }
            } catch (ParseCancellationException | StackOverflowError refused) {
                // Trino's grammar does not have it.
            }
        }
    }

    private void learn(Known statement) {
        known.add(statement);
        Map<Integer, List<String>> byRule = pieces.computeIfAbsent(statement.session, session -> new HashMap<>());
        Grammar.Characters characters = Grammar.Characters.in(statement.sql);
        for (ParserRuleContext node : Grammar.nodes(Grammar.tree(statement.sql))) {
            String piece = characters.text(node);
            if (piece.length() <= LONGEST_PIECE && seen.add(statement.session + node.getRuleIndex() + piece)) {
                byRule.computeIfAbsent(node.getRuleIndex(), rule -> new ArrayList<>()).add(piece);
            }
        }
    }

    private String changed(String session, String sql) {
        return switch (random.nextInt(14)) {
            case 0 -> around(sql, SqlBaseParser.QueryContext.class, AROUND_QUERIES);
            case 1 -> around(sql, SqlBaseParser.SelectSingleContext.class, AROUND_EXPRESSIONS);
            case 2 -> around(sql, SqlBaseParser.AliasedRelationContext.class, AROUND_TABLES);
            default -> recombined(session, sql);
        };
    }

    /** Something around a piece of one kind. */
    private String around(String sql, Class<? extends ParserRuleContext> kind, List<String> forms) {
        List<ParserRuleContext> nodes = Grammar.nodes(Grammar.tree(sql));
        nodes.removeIf(node -> !kind.isInstance(node));
        if (nodes.isEmpty()) {
            return sql;
        }
        ParserRuleContext node = Grammar.one(random, nodes);
        ParserRuleContext inside = switch (node) {
            case SqlBaseParser.SelectSingleContext item -> item.expression();
            case SqlBaseParser.AliasedRelationContext relation -> relation.relationPrimary();
            default -> node;
        };
        Grammar.Characters characters = Grammar.Characters.in(sql);
        String text = characters.text(inside);
        if (!(node instanceof SqlBaseParser.AliasedRelationContext relation)) {
            return characters.with(inside, Grammar.one(random, forms).formatted(text));
        }
        String name = text.substring(text.lastIndexOf('.') + 1);
        if (!name.matches("\\w+")) {
            return sql;
        }
        String alias = relation.identifier() == null ? " " + name : "";
        return characters.with(inside, Grammar.one(random, forms).formatted(text, name) + alias);
    }

    /** A piece of the same query, of another one in the same session, or seldom of any takes the place of another one. */
    private String recombined(String session, String sql) {
        Grammar.Characters characters = Grammar.Characters.in(sql);
        List<ParserRuleContext> nodes = Grammar.nodes(Grammar.tree(sql));
        ParserRuleContext node = Grammar.one(random, nodes);
        List<String> others = new ArrayList<>();
        if (random.nextBoolean()) {
            nodes.stream().filter(other -> other.getRuleIndex() == node.getRuleIndex()).map(characters::text).forEach(others::add);
            others.removeIf(characters.text(node)::equals);
        }
        if (others.isEmpty()) {
            String from = random.nextInt(12) == 0 ? Grammar.one(random, known).session : session;
            others = pieces.get(from).getOrDefault(node.getRuleIndex(), List.of());
        }
        return others.isEmpty() ? sql : characters.with(node, " " + Grammar.one(random, others) + " ");
    }

    /** A view needs names for its columns. */
    private static String named(String sql) {
        for (ParserRuleContext node : Grammar.nodes(Grammar.tree(sql))) {
            if (node instanceof SqlBaseParser.QuerySpecificationContext select) {
                Grammar.Characters characters = Grammar.Characters.in(sql);
                String named = sql;
                for (int item = select.selectItem().size() - 1; item >= 0; item--) {
                    ParserRuleContext column = select.selectItem(item);
                    boolean hasName = !(column instanceof SqlBaseParser.SelectSingleContext single)
                            || single.identifier() != null
                            || characters.text(column).matches("[\\w.\"]+");
                    if (!hasName) {
                        named = Grammar.Characters.in(named).with(column, characters.text(column) + " as g" + item);
                    }
                }
                return named;
            }
        }
        return sql;
    }

    private record Trino(URI address, HttpClient client) {
        private static final Pattern NEXT = Pattern.compile("\"nextUri\":\"([^\"]+)\"");
        private static final Pattern ERROR = Pattern.compile("\"error\":\\{\"message\":\"((?:[^\"\\\\]|\\\\.)*)\"");

        /** Runs a statement of a source to its end; null when it went well, else what Trino says. */
        String run(Known statement, String source) {
            String[] session = statement.session.split("\\.");
            HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve("/v1/statement"))
                    .header("X-Trino-User", "warren")
                    .header("X-Trino-Source", source)
                    .header("X-Trino-Catalog", session[0])
                    .header("X-Trino-Schema", session[1])
                    .POST(HttpRequest.BodyPublishers.ofString(statement.sql));
            try {
                while (true) {
                    String page = client.send(request.build(), BodyHandlers.ofString()).body();
                    Matcher error = ERROR.matcher(page);
                    Matcher next = NEXT.matcher(page);
                    if (error.find()) {
                        return error.group(1);
                    }
                    if (!next.find()) {
                        return null;
                    }
                    request = HttpRequest.newBuilder(URI.create(next.group(1))).header("X-Trino-User", "warren").GET();
                }
            } catch (IOException failure) {
                return failure.toString();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }
}
