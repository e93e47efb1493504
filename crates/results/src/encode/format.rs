//! The formats that a result can be had in, and what can be chosen about each.

use std::str::FromStr;

use super::Numbers;

/// A format for rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON document: the columns and all rows as arrays, in the shape of a page.
    Json,
    /// One JSON object per row and line, keyed by column name. Repeated names are numbered: `a`, `a_2`.
    Ndjson,
    /// RFC 4180 with line feeds, and one header line with the names as Trino shows them.
    Csv,
    /// An Arrow IPC stream.
    Arrow,
    /// A Parquet file.
    Parquet,
}

/// A format that Warren does not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no format {0:?}, use one of json, ndjson, csv, arrow, parquet")]
pub struct UnknownFormat(pub String);

impl Format {
    /// Every format, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Json, Self::Ndjson, Self::Csv, Self::Arrow, Self::Parquet];

    /// The name that [`Format::from_str`] reads. It is also the usual extension of a file.
    #[must_use]
    pub fn file_extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Arrow => "arrow",
            Self::Parquet => "parquet",
        }
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let known = Self::ALL.into_iter().find(|format| format.file_extension().eq_ignore_ascii_case(text));
        known.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// What can be chosen about a download or an encoded page. Formats ignore what does not concern them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DownloadOptions {
    /// Numbers in JSON and NDJSON.
    pub numbers: Numbers,
    /// The look of CSV.
    pub csv: CsvOptions,
}

/// The look of CSV.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CsvOptions {
    /// What stands for a null, unquoted. Empty by default; a value of the same text is quoted, so that the two can be
    /// told apart. In a result of one column an empty null is quoted as well, because readers drop empty lines.
    pub null_text: String,
    /// Which fields are quoted.
    pub quoting: CsvQuoting,
}

/// Which fields of a CSV are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CsvQuoting {
    /// Those that need it, as trino-cli's `CSV_HEADER_UNQUOTED` where none needs it. The default.
    #[default]
    AsNeeded,
    /// All, also nulls, as trino-cli's `CSV_HEADER`.
    Always,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_known_by_its_extension() {
        for format in Format::ALL {
            assert_eq!(format.file_extension().parse(), Ok(format));
            assert_eq!(format.file_extension().to_uppercase().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "there is no format \"xml\", use one of json, ndjson, csv, arrow, parquet");
    }
}
