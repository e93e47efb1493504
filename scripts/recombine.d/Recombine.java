import io.trino.grammar.sql.SqlBaseLexer;
import io.trino.grammar.sql.SqlBaseParser;
import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.QualifiedName;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.Statement;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.With;
import io.trino.sql.tree.WithQuery;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.antlr.v4.runtime.tree.TerminalNode;

/**
 * Makes statements that nobody wrote out of known ones, by Trino's grammar: a piece takes the place of another one of the
 * same rule, an identifier becomes a word that is not reserved, white space goes. Prints those that Trino's parser takes,
 * one JSON object a line, with the tables, the qualified columns and the place of the window in its tree. Places are in
 * characters.
 *
 * <p>Arguments: a file with a known statement in Base64 a line, the seed, how many seconds.
 */
public final class Recombine {
    private static final int LONGEST_PIECE = 400;
    private static final int LONGEST_STATEMENT = 4_000;
    private static final int MOST_CHANGES = 8;
    private static final String[] GAPS = {" ", " ", "/* x */", "\r\n", "-- FROM z\r", "\t--\n"};

    private final SqlParser parser = new SqlParser();
    private final Random random;
    private final List<String> known;
    /** The different pieces of the known statements, by rule of the grammar. */
    private final Map<Integer, List<String>> pieces;
    /** The words that are not reserved. */
    private final List<String> words;

    private Recombine(List<String> known, Random random) {
        this.known = known;
        this.random = random;
        this.pieces = pieces(known);
        this.words = words();
    }

    public static void main(String[] arguments) throws IOException {
        List<String> known = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            known.add(new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8));
        }
        Recombine recombine = new Recombine(known, new Random(Long.parseLong(arguments[1])));
        long untilNs = System.nanoTime() + Long.parseLong(arguments[2]) * 1_000_000_000L;
        try (PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8)) {
            while (System.nanoTime() < untilNs) {
                try {
                    String line = recombine.line(recombine.statement());
                    if (line != null) {
                        out.println(line);
                    }
                } catch (ParseCancellationException | ParsingException | StackOverflowError refused) {
                    // Trino does not take it.
                }
            }
        }
    }

    private static Map<Integer, List<String>> pieces(List<String> known) {
        Map<Integer, Set<String>> pieces = new HashMap<>();
        for (String sql : known) {
            Grammar.Characters characters = Grammar.Characters.in(sql);
            try {
                for (ParserRuleContext node : Grammar.nodes(Grammar.tree(sql))) {
                    String piece = characters.text(node);
                    if (piece.length() <= LONGEST_PIECE) {
                        pieces.computeIfAbsent(node.getRuleIndex(), rule -> new LinkedHashSet<>()).add(piece);
                    }
                }
            } catch (ParseCancellationException | StackOverflowError refused) {
                // It has no tree, and so no pieces.
            }
        }
        pieces.remove(SqlBaseParser.RULE_singleStatement);
        Map<Integer, List<String>> lists = new HashMap<>();
        pieces.forEach((rule, of) -> lists.put(rule, List.copyOf(of)));
        return lists;
    }

    private List<String> words() {
        List<String> words = new ArrayList<>();
        for (int type = 1; type <= SqlBaseLexer.VOCABULARY.getMaxTokenType(); type++) {
            String literal = SqlBaseLexer.VOCABULARY.getLiteralName(type);
            if (literal != null && literal.matches("'[A-Z_]+'")) {
                String word = literal.substring(1, literal.length() - 1);
                try {
                    parser.createStatement("SELECT 1 FROM " + word + " x");
                    words.add(word);
                } catch (ParsingException reserved) {
                    // It can be no name.
                }
            }
        }
        return words;
    }

    /** A known statement with some changes. */
    private String statement() {
        String sql = Grammar.one(random, known);
        for (int changes = 1 + random.nextInt(MOST_CHANGES); changes > 0 && sql.length() <= LONGEST_STATEMENT; changes--) {
            sql = switch (random.nextInt(10)) {
                case 0 -> closer(sql);
                case 1, 2 -> renamed(sql);
                default -> recombined(sql);
            };
        }
        return sql;
    }

    /** A piece takes the place of another one. */
    private String recombined(String sql) {
        List<ParserRuleContext> nodes = Grammar.nodes(Grammar.tree(sql));
        nodes.removeIf(node -> !pieces.containsKey(node.getRuleIndex()));
        if (nodes.isEmpty()) {
            return sql;
        }
        ParserRuleContext node = Grammar.one(random, nodes);
        Grammar.Characters characters = Grammar.Characters.in(sql);
        String gap = Grammar.one(random, List.of(GAPS));
        return characters.with(node, gap + Grammar.one(random, pieces.get(node.getRuleIndex())) + gap);
    }

    /** An identifier becomes a word that is not reserved, in one place or in all. */
    private String renamed(String sql) {
        List<ParserRuleContext> identifiers = Grammar.nodes(Grammar.tree(sql));
        identifiers.removeIf(node -> !(node instanceof SqlBaseParser.IdentifierContext));
        if (identifiers.isEmpty()) {
            return sql;
        }
        identifiers.sort(Comparator.comparingInt(node -> node.start.getStartIndex()));
        Grammar.Characters characters = Grammar.Characters.in(sql);
        ParserRuleContext chosen = Grammar.one(random, identifiers);
        String old = characters.text(chosen);
        String word = Grammar.one(random, words);
        String name = random.nextBoolean() ? word : word.toLowerCase(Locale.ROOT);
        boolean everywhere = random.nextBoolean();
        StringBuilder renamed = new StringBuilder();
        int copied = 0;
        for (ParserRuleContext node : identifiers) {
            boolean isMeant = node == chosen || everywhere && characters.text(node).equalsIgnoreCase(old);
            if (isMeant && node.start.getStartIndex() >= copied) {
                renamed.append(characters.text(copied, node.start.getStartIndex())).append(name);
                copied = node.stop.getStopIndex() + 1;
            }
        }
        return renamed + characters.text(copied, characters.of().length);
    }

    /** Most white space and comments go. */
    private String closer(String sql) {
        StringBuilder closer = new StringBuilder();
        for (Token token : Grammar.lexer(sql).getAllTokens()) {
            if (token.getChannel() == Token.DEFAULT_CHANNEL || random.nextInt(3) == 0) {
                closer.append(token.getText());
            }
        }
        return closer.toString();
    }

    /** What Trino's parser says of a statement; null when it is too long. */
    private String line(String sql) {
        if (sql.length() > LONGEST_STATEMENT) {
            return null;
        }
        Statement statement = parser.createStatement(sql);
        Grammar.Characters characters = Grammar.Characters.in(sql);
        List<String> tables = new ArrayList<>();
        tables(statement, Set.of(), characters, tables);
        List<String> columns = new ArrayList<>();
        columns(statement, characters, columns);
        List<ParserRuleContext> nodes = Grammar.nodes(Grammar.tree(sql));
        String window = statement instanceof Query ? window(nodes) : "null";
        return "{\"sql\":%s,\"tables\":%s,\"columns\":%s,\"window\":%s,\"constant\":%s,\"hidden\":%s,\"string\":%s}"
                .formatted(
                        Json.string(sql),
                        Json.array(tables, Function.identity()),
                        Json.array(columns, Function.identity()),
                        window,
                        nodes.stream().anyMatch(Recombine::isConstant),
                        nodes.stream().anyMatch(Recombine::isHidden),
                        nodes.stream().anyMatch(SqlBaseParser.ExecuteImmediateContext.class::isInstance));
    }

    /**
     * Whether a node must be a constant for Trino's analyzer, though its parser takes more, and is told from what follows it
     * by its end only: the value of FOR … AS OF, a property in WITH SESSION, a function in WITH.
     */
    private static boolean isConstant(ParserRuleContext node) {
        return switch (node.getRuleIndex()) {
            case SqlBaseParser.RULE_queryPeriod, SqlBaseParser.RULE_sessionProperty -> true;
            case SqlBaseParser.RULE_functionSpecification -> node.getParent() instanceof SqlBaseParser.RootQueryContext;
            default -> false;
        };
    }

    /** Whether Trino's tree of the statement does not lead to what is in a node. */
    private static boolean isHidden(ParserRuleContext node) {
        return switch (node.getRuleIndex()) {
            case SqlBaseParser.RULE_property -> true;
            case SqlBaseParser.RULE_groupingElement -> !(node instanceof SqlBaseParser.SingleGroupingSetContext);
            default -> false;
        };
    }

    /** Each table as an array: where it stands, whether a query in WITH is meant, and the parts of its name. */
    private static void tables(Node node, Set<String> with, Grammar.Characters characters, List<String> tables) {
        if (node instanceof Table table) {
            List<Identifier> parts = table.getName().getOriginalParts();
            boolean isWith = parts.size() == 1 && with.contains(key(parts.get(0)));
            tables.add(place(parts.get(0), isWith, parts, characters));
        }
        if (node instanceof Query query && query.getWith().isPresent()) {
            With clause = query.getWith().get();
            Set<String> seen = new HashSet<>(with);
            for (WithQuery item : clause.getQueries()) {
                Set<String> own = new HashSet<>(seen);
                if (clause.isRecursive()) {
                    own.add(key(item.getName()));
                }
                tables(item.getQuery(), own, characters, tables);
                seen.add(key(item.getName()));
            }
            for (Node child : query.getChildren()) {
                if (query.getFunctions().contains(child)) {
                    tables(child, with, characters, tables);
                } else if (child != clause) {
                    tables(child, seen, characters, tables);
                }
            }
            return;
        }
        for (Node child : node.getChildren()) {
            tables(child, with, characters, tables);
        }
    }

    private static String key(Identifier name) {
        return name.getValue().toLowerCase(Locale.ENGLISH);
    }

    /** Each qualified column as an array: where it stands, whether a star follows it, and its parts. */
    private static void columns(Node node, Grammar.Characters characters, List<String> columns) {
        if (node instanceof AllColumns all && all.getTarget().isPresent()) {
            Expression target = all.getTarget().get();
            if (target instanceof Identifier name) {
                columns.add(place(name, true, List.of(name), characters));
                return;
            }
            QualifiedName name = chain(target);
            if (name != null) {
                columns.add(place(target, true, name.getOriginalParts(), characters));
                return;
            }
        }
        QualifiedName name = chain(node);
        if (name != null) {
            columns.add(place(node, false, name.getOriginalParts(), characters));
            return;
        }
        for (Node child : node.getChildren()) {
            columns(child, characters, columns);
        }
    }

    /** The names of a dotted chain; null for all else, and for what Trino's parser has put in, which has no place. */
    private static QualifiedName chain(Node node) {
        boolean isWritten = node instanceof DereferenceExpression && first(node).getLocation().isPresent();
        return isWritten ? DereferenceExpression.getQualifiedName((DereferenceExpression) node) : null;
    }

    private static Node first(Node node) {
        return node instanceof DereferenceExpression chain ? first(chain.getBase()) : node;
    }

    private static String place(Node node, boolean flag, List<Identifier> parts, Grammar.Characters characters) {
        String names = parts.stream().map(part -> "," + Json.string(part.getValue())).collect(Collectors.joining());
        return "[" + characters.offset(first(node).getLocation().orElseThrow()) + "," + flag + names + "]";
    }

    /** Where OFFSET, LIMIT and FETCH of the outermost query stand. */
    private static String window(List<ParserRuleContext> nodes) {
        for (ParserRuleContext node : nodes) {
            if (node instanceof SqlBaseParser.RootQueryContext root) {
                SqlBaseParser.QueryNoWithContext query = root.query().queryNoWith();
                return "[" + start(query.OFFSET()) + "," + start(query.LIMIT()) + "," + start(query.FETCH()) + "]";
            }
        }
        return "null";
    }

    private static String start(TerminalNode word) {
        return word == null ? "null" : String.valueOf(word.getSymbol().getStartIndex());
    }
}
