//! What a repository of charts shows: an `index.yaml`, or the tags of a registry.

use cascade_manifest::deploy::chart_listing;
use cascade_plan::{Awaited, Outlet, Sight, judge_chart};
use url::Url;

use super::super::http::Missed;
use super::super::login::{netrc, split};
use super::super::{Reach, address, folder_of};
use super::{image, unknown};

/// Returns what is shown of a version of a chart.
pub(super) fn look(reach: &Reach<'_>, awaited: &Awaited) -> Result<Sight, Missed> {
    let Outlet::Address(origin) = &awaited.outlet else {
        return Err(Missed::Nowhere(
            "nothing says where the chart is".to_owned(),
        ));
    };
    if let Some(place) = origin.strip_prefix("oci://") {
        let name = format!("{place}/{}", awaited.name);
        return image::named(reach.shared, &name, awaited, &[]);
    }
    let (base, login) = split(folder_of(address(origin).map_err(unknown)?));
    let login = login.or_else(|| netrc(reach, &base));
    let at = base.join("index.yaml");
    let at: Url = at.map_err(|_| Missed::Nowhere("the chart is at no address".to_owned()))?;
    let served = reach.look(&at, ("application/yaml, text/yaml, */*", login.as_ref()))?;
    let listing = chart_listing(&served.body, &awaited.name);
    let why = || {
        format!(
            "what it answers for `{}` is no index of charts",
            awaited.name
        )
    };
    let listing = listing.ok_or_else(|| Missed::because(why()))?;
    if listing.releases().next().is_none() {
        return Err(Missed::Absent);
    }
    Ok(judge_chart(&listing, &awaited.version, &awaited.expected))
}
