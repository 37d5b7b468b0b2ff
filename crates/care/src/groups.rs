//! Groups of patients whose records only their members see. Administration makes them and never reads a record by it.

use std::collections::BTreeMap;

use clinical::audit::AuditAction;
use clinical::ids::{GroupId, PatientId, UserId};
use storage::{PatientGroup, StorageError, Tx};
use uuid::Uuid;

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// The groups and who may be a member.
#[derive(Debug, Clone)]
pub struct Groups {
    /// All groups by name.
    pub groups: Vec<PatientGroup>,
    /// Accounts that may be added, by name.
    pub people: Vec<(UserId, String)>,
    /// Names of the patients, for who may see them.
    pub names: BTreeMap<PatientId, String>,
}

/// A change to a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChange {
    /// A member more.
    AddMember(UserId),
    /// A member less.
    RemoveMember(UserId),
    /// A record more, by its number.
    AddRecord(String),
    /// A record less: it is seen by everybody again, unless another group has it.
    RemoveRecord(PatientId),
    /// No such group any more: its records are seen by everybody again.
    Remove,
}

const GROUP: CareError = CareError::NotFound { what: "el grupo" };

impl Care {
    /// The groups, for administration.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn groups(&self, actor: &Actor) -> Result<Groups, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin(actor).await?;
        let groups = tx.groups().await?;
        let active = tx.users().await?.into_iter().filter(|user| user.active);
        let people = active.map(|user| (user.id, user.display_name)).collect();
        let mut names = BTreeMap::new();
        if actor.may(Permission::SeeIdentity) {
            for (id, _) in groups.iter().flat_map(|group| &group.records) {
                names.extend(tx.record(*id).await?.map(|patient| (*id, patient.full_name())));
            }
        }
        tx.append_audit(self.event(actor, AuditAction::Read, "group", "", None)).await?;
        tx.commit().await?;
        Ok(Groups { groups, people, names })
    }

    /// Makes a group with its first member.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a name that is empty or taken, or without a member.
    pub async fn add_group(
        &self,
        actor: &Actor,
        name: &str,
        member: Option<UserId>,
    ) -> Result<GroupId, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        let name = check.text("nombre", name, "Escriba el nombre del grupo");
        if member.is_none() {
            check.fail("miembro", "Elija a su primer miembro");
        }
        let member = check.finish(member)?;
        let id = GroupId(Uuid::now_v7());
        let mut tx = self.unseen.begin().await?;
        if tx.groups().await?.iter().any(|group| group.name == name) {
            return Err(CareError::invalid("nombre", "Ya hay un grupo con ese nombre: escriba otro"));
        }
        tx.insert_group(id, &name, self.now()).await?;
        tx.add_group_member(id, member).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "group", id, None)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a group. What was private in it and what is now stands in the bitácora.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a number that is of no record, and for taking the last member from a group with
    /// records: nobody would see them.
    pub async fn change_group(
        &self,
        actor: &Actor,
        id: GroupId,
        change: &GroupChange,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.unseen.begin().await?;
        let group = tx.groups().await?.into_iter().find(|group| group.id == id).ok_or(GROUP)?;
        let mut told: Vec<Option<PatientId>> = vec![None];
        match change {
            GroupChange::AddMember(user) => match tx.add_group_member(id, *user).await {
                Err(StorageError::Missing { .. }) => {
                    return Err(CareError::invalid("persona", "Elija una persona de la lista"));
                }
                other => other?,
            },
            GroupChange::RemoveMember(user) => {
                let others = group.members.iter().any(|(member, _)| member != user);
                if !others && !group.records.is_empty() {
                    let message = "Es el último miembro y el grupo tiene expedientes: nadie podría verlos. Agregue antes a otra persona o quite los expedientes";
                    return Err(CareError::invalid("persona", message));
                }
                tx.remove_group_member(id, *user).await?;
            }
            GroupChange::AddRecord(number) => {
                let patient = numbered(&mut tx, &group, number).await?;
                tx.add_group_record(id, patient).await?;
                told = vec![Some(patient)];
            }
            GroupChange::RemoveRecord(patient) => {
                tx.remove_group_record(id, *patient).await?;
                told = vec![Some(*patient)];
            }
            GroupChange::Remove => {
                told.extend(group.records.iter().map(|(patient, _)| Some(*patient)));
                tx.delete_group(id).await?;
            }
        }
        for patient in told {
            tx.append_audit(self.event(actor, AuditAction::Update, "group", id, patient)).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The record with a number, to be added to a group that somebody can see.
async fn numbered(tx: &mut Tx, group: &PatientGroup, number: &str) -> Result<PatientId, CareError> {
    if group.members.is_empty() {
        let message =
            "El grupo no tiene miembros: nadie podría ver el expediente. Agregue antes a una persona";
        return Err(CareError::invalid("expediente", message));
    }
    let number = number.trim();
    let found = tx.record_by_number(&format!("{number:0>6}")).await?;
    let missing = || CareError::invalid("expediente", "No hay un expediente con ese número");
    Ok(found.filter(|_| !number.is_empty()).ok_or_else(missing)?.id)
}
